import type { Order } from '@otklik/api';

export type Theme = 'light' | 'dark' | 'system';
export type Density = 'comfortable' | 'compact';

const read = (key: string) => localStorage.getItem(`otklik.${key}`);

/** Choices of this browser. app.html reads the same keys before the first paint. */
class Prefs {
  theme = $state<Theme>('system');
  density = $state<Density>('comfortable');
  projectId = $state<string | null>(null);
  /** The list of conversations shows every project; the other pages keep to the chosen one. */
  allProjects = $state(false);
  sound = $state(true);
  /** Notes of the browser beside the page; nobody is asked for them before they are wanted. */
  notifications = $state(false);
  /** Until when nothing sounds or shows, in milliseconds. */
  quietUntil = $state(0);
  order = $state<Order>('waiting');

  start() {
    const theme = read('theme');
    this.theme = theme === 'light' || theme === 'dark' ? theme : 'system';
    this.density = read('density') === 'compact' ? 'compact' : 'comfortable';
    this.projectId = read('project');
    this.allProjects = read('all_projects') === 'on';
    this.sound = read('sound') !== 'off';
    this.notifications = read('notifications') === 'on';
    this.quietUntil = Number(read('quiet_until')) || 0;
    // One person, one quiet: what is chosen in a tab holds in the others.
    addEventListener('storage', ({ key }) => {
      if (key === 'otklik.quiet_until') this.quietUntil = Number(read('quiet_until')) || 0;
      if (key === 'otklik.notifications') this.notifications = read('notifications') === 'on';
    });
    this.order = read('order') === 'newest' ? 'newest' : 'waiting';
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.paint());
    this.paint();
  }

  setTheme(theme: Theme) {
    this.theme = theme;
    localStorage.setItem('otklik.theme', theme);
    this.paint();
  }

  setDensity(density: Density) {
    this.density = density;
    localStorage.setItem('otklik.density', density);
    document.documentElement.dataset.density = density;
  }

  setProject(id: string) {
    this.projectId = id;
    localStorage.setItem('otklik.project', id);
  }

  setAllProjects(on: boolean) {
    this.allProjects = on;
    localStorage.setItem('otklik.all_projects', on ? 'on' : 'off');
  }

  setSound(on: boolean) {
    this.sound = on;
    localStorage.setItem('otklik.sound', on ? 'on' : 'off');
  }

  setNotifications(on: boolean) {
    this.notifications = on;
    localStorage.setItem('otklik.notifications', on ? 'on' : 'off');
  }

  setQuietUntil(at: number) {
    this.quietUntil = at;
    localStorage.setItem('otklik.quiet_until', String(at));
  }

  setOrder(order: Order) {
    this.order = order;
    localStorage.setItem('otklik.order', order);
  }

  private paint() {
    const systemDark = matchMedia('(prefers-color-scheme: dark)').matches;
    const dark = this.theme === 'dark' || (this.theme === 'system' && systemDark);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    document.documentElement.classList.toggle('dark', dark);
  }
}

export const prefs = new Prefs();
