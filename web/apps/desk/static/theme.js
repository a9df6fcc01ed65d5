// Runs before the first paint, so that a dark desk never flashes white. A file of its own: the CSP allows no inline script.
(function () {
  var root = document.documentElement;
  var read = function (key) {
    try {
      return localStorage.getItem('otklik.' + key);
    } catch {
      return null;
    }
  };
  var theme = read('theme');
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  root.classList.toggle('dark', dark);
  root.dataset.density = read('density') || 'comfortable';
  root.lang = read('locale') || (navigator.language.indexOf('ru') === 0 ? 'ru' : root.lang);
})();
