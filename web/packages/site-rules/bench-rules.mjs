/** Twelve conditions that hold on a page but for one, so that all of them are asked; `host` is where the page is. */
export function conditions(number, { host, minutes, seconds }) {
  return {
    all: [
      ['page_url', 'starts', [host]],
      ['page_url', '!has', [`/cart/${number}`, `?cart=${number}`]],
      ['page_title', 'has', ['диван']],
      {
        any: [
          ['visits', 'ge', 50],
          ['field.phone', 'eq', ['+79123456789']],
          ['tag', 'eq', ['vip']],
        ],
      },
      ['time', 'in', [127, ...minutes]],
      ['referrer', 'like', ['', 'yandex.', '']],
      ['device', '!eq', ['tablet']],
      ['seconds_on_page', 'ge', seconds],
      ['share', 'ge', 0],
      ['page_path', 'like', ['/каталог/', `/${number}`]],
    ],
  };
}
