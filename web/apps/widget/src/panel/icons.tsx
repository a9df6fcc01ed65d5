const PATHS = {
  close: 'M18 6 6 18M6 6l12 12',
  back: 'm15 18-6-6 6-6',
  clip: 'm16 6-8.4 8.6a2 2 0 0 0 2.8 2.8l8.4-8.6a4 4 0 1 0-5.6-5.6l-8.4 8.5a6 6 0 1 0 8.5 8.5l8.3-8.5',
  send: 'm5 12 7-7 7 7M12 19V5',
  clock: 'M12 6v6l4 2M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0z',
  tick: 'M20 6 9 17l-5-5',
  ticks: 'M18 6 7 17l-5-5M22 10l-7.5 7.5L13 16',
  alert: 'M12 8v4M12 16h.01M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0z',
  file: 'M14.5 2H6a2 2 0 0 0-2 2v16a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V7.5zM14 2v6h6',
  out: 'M7 7h10v10M7 17 17 7',
  down: 'm6 9 6 6 6-6',
} as const;

const MARK =
  'M12 2a10 10 0 0 1 0 20H4a2 2 0 0 1-2-2v-8A10 10 0 0 1 12 2Zm0 5.2a4.8 4.8 0 0 0 0 9.6h3.8a1 1 0 0 0 1-1V12A4.8 4.8 0 0 0 12 7.2Z';

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Mark() {
  return (
    <svg viewBox="0 0 24 24" class="fill" aria-hidden="true">
      <path d={MARK} />
    </svg>
  );
}
