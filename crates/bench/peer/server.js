// The usual way: socket.io and better-sqlite3, each message committed with synchronous=FULL, then told to the operators' room.
// usage: node server.js PORT FILE
const { createServer } = require('node:http');
const { Server } = require('socket.io');
const Database = require('better-sqlite3');

const [port, file] = process.argv.slice(2);
const db = new Database(file);
db.pragma('journal_mode=wal');
db.pragma('synchronous=full');
db.exec(`create table conversations(id integer primary key, unread integer not null default 0, last_message_id integer, updated_at integer not null);
create table messages(id integer primary key, conversation_id integer not null, sender text not null, body text not null, created_at integer not null);
create index messages_conversation on messages(conversation_id, id);
create table events(id integer primary key, kind text not null, conversation_id integer not null, payload text not null, created_at integer not null);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) insert into conversations(id, updated_at) select i, i from n`);
const addMessage = db.prepare("insert into messages(conversation_id, sender, body, created_at) values(?, 'visitor', ?, ?)");
const touch = db.prepare('update conversations set unread = unread + 1, last_message_id = ?, updated_at = ? where id = ?');
const addEvent = db.prepare("insert into events(kind, conversation_id, payload, created_at) values('message.created', ?, ?, ?)");
const save = db.transaction((conversation, body) => {
  const now = Date.now();
  const id = addMessage.run(conversation, body, now).lastInsertRowid;
  touch.run(id, now, conversation);
  addEvent.run(conversation, JSON.stringify({ message_id: Number(id), conversation_id: conversation }), now);
  return Number(id);
});

const http = createServer();
const io = new Server(http);
let next = 1;
io.on('connection', (socket) => {
  const conversation = next++;
  socket.on('operator', () => socket.join('operators'));
  socket.on('m', (body) => {
    const id = save(conversation, body);
    io.to('operators').emit('message.created', { id, conversation, body });
    socket.emit('ack', id);
  });
});
http.listen(Number(port), '127.0.0.1', () => console.log(JSON.stringify({ ready: true })));
