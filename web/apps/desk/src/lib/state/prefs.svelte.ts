export type Theme = 'light' | 'dark' | 'system';
export type Density = 'comfortable' | 'compact';

const read = (key: string) => localStorage.getItem(`otklik.${key}`);

/** Choices of this browser. theme.js reads the same keys before the first paint. */
class Prefs {
  theme = $state<Theme>('system');
  density = $state<Density>('comfortable');
  singleKeys = $state(true);
  projectId = $state<string | null>(null);

  start() {
    const theme = read('theme');
    this.theme = theme === 'light' || theme === 'dark' ? theme : 'system';
    this.density = read('density') === 'compact' ? 'compact' : 'comfortable';
    this.singleKeys = read('single_keys') !== 'off';
    this.projectId = read('project');
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

  setSingleKeys(on: boolean) {
    this.singleKeys = on;
    localStorage.setItem('otklik.single_keys', on ? 'on' : 'off');
  }

  setProject(id: string) {
    this.projectId = id;
    localStorage.setItem('otklik.project', id);
  }

  private paint() {
    const systemDark = matchMedia('(prefers-color-scheme: dark)').matches;
    const dark = this.theme === 'dark' || (this.theme === 'system' && systemDark);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    document.documentElement.classList.toggle('dark', dark);
  }
}

export const prefs = new Prefs();
