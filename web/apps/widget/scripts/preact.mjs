// Preact without the parts that the panel has no use for: suspense, server-made pages, markup given as text, style
// objects, MathML, and lifecycles of old. About 700 bytes of the panel's brotli. Every cut names where it begins and
// ends; when another version of Preact has something else there, the build stops and says so.

/** [from, up to and without, what stands there instead] */
const CUTS = [
  // A page that the server has drawn.
  [',o)for(s=0;s<o.length;s++)', 'if(!t){if(M=', ');'],
  [',l&&(n.__m&&n.__m(r,o),l=!1),o=null', '}if(C){', ''],
  [',o="textarea"==C&&', 'for(s in $)k=$[s]', ');'],
  ['l&&"function"!=typeof k||$[s]===k', '||N(t,s,k', '$[s]===k'],
  ['l&&t.data==x||', '(t.data=x)', ''],
  [',o&&o.some(g)),l&&"textarea"!=C||(', 's="value"', '),('],
  // Markup given as text: the panel has none, whoever writes.
  ['"dangerouslySetInnerHTML"==s?y=k:', '"children"==s||s in x', ''],
  ['"dangerouslySetInnerHTML"==s?h=k:', '"value"==s?b=k', ''],
  ['h?(l||y&&(', 'I(a,w(_)', '('],
  ['"math"==C?', 'f||(f=', ''],
  // Suspense.
  ['128&u.__u&&(', '(s=n.__b)', ''],
  [',c||o)if(t&&t.then)', 'r.__k||(r.__k=u.__k', ');r.__e=u.__e;'],
  ['!u&&(i=t.__c)&&(i=i.__z)', 'u||g(t.__e)', ''],
  [',p&&p.some(g)', ',d.__h.length', ''],
  [',M.__P&&(s=l', ',l=I(t,w(A)', ''],
  [',M.__P&&(r.__e=null', ',r.__u&=', ''],
  // Lifecycles and contexts.
  [',V.getDerivedStateFromProps&&(d.__s==', ',k=d.props', ')'],
  ['!V.getDerivedStateFromProps&&d.componentWillReceiveProps', 'r.__v==u.__v', '0,'],
  ['d.componentWillUpdate&&', 'C&&d.componentDidUpdate', ''],
  ['C&&!V.getDerivedStateFromProps&&d.componentWillMount', 'C&&d.componentDidMount', ''],
  ['d.getChildContext&&', 'A=s&&', ''],
  [',j=(s=V.contextType)', ',(d=u.__c)?', ',L=i'],
  ['j&&j.sub(d),', 'd.state||', ''],
  ['function(n,t,r,u){for(var i,o,e;t=t.__;)', 'throw f=0', 'function(n){'],
  // Old names of attributes.
  ['t=t.replace(/xlink', 'else if("width"', ';'],
  // Styles are classes here.
  ['if("style"==t)', 'if("o"==t[0]', ''],
];

/** What tools of developers read. */
const JSX_CUTS = [['(a||i)&&(s.__source', 's}', ' ']];

/** A plugin of Vite. */
export function leanPreact() {
  return {
    name: 'lean-preact',
    transform(code, id) {
      const cuts = /preact\/dist\/preact\.mjs$/.test(id)
        ? CUTS
        : /dist\/jsxRuntime\.mjs$/.test(id) && JSX_CUTS;
      return cuts ? { code: cuts.reduce(cut, code), map: null } : null;
    },
  };
}

function cut(code, [from, to, instead]) {
  const start = code.indexOf(from);
  const end = code.indexOf(to, start + from.length);
  if (start < 0 || end < 0)
    throw new Error(`scripts/preact.mjs: this Preact has no "${from}" before "${to}"`);
  return code.slice(0, start) + instead + code.slice(end);
}
