// The ordinary snippet is one line: <script async src="https://HOST/w.js?p=KEY"></script>. This page is served by the
// chat's own server and opened for different projects, so it takes the key from its address or from what the server
// has written into the page.
const given = new URLSearchParams(location.search).get('p');
const written = document.querySelector('meta[name="otklik-site-key"]').content;
const key = given || (written.startsWith('__') ? '' : written);

// The page demands trusted types, to show that the widget lives with them; a script added by hand then needs a policy.
const policy = window.trustedTypes?.createPolicy('otklik-demo', { createScriptURL: (address) => address });
const trusted = (address) => policy?.createScriptURL(address) ?? address;

if (key) {
  const script = document.createElement('script');
  script.async = true;
  script.src = trusted(`${location.origin}/w.js?p=${encodeURIComponent(key)}`);
  document.head.append(script);
}

document.getElementById('ask').addEventListener('click', () => window.Chat?.('open'));
