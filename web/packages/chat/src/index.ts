export { hiddenHost, tokenize, type Token } from './tokenizer';
export { canRetry, laterDelivery } from './delivery';
export { EndingLinks } from './fileLink';
export { isInFolder, mergeMessages, reduceConversation, reduceMessages } from './reducer';
export { Outbox, type NewEntry, type OutboxEntry } from './outbox';
export { LiveSocket, type LinkState, type SocketLike } from './socket';
export { dayOf, endsRun, stretchesOf, type Stretch } from './timeline';
