import type { Page } from 'playwright-core';
import { until } from './wait';

/** What the keyboard is on, as a person knows it: its name and its kind. */
export interface Focused {
  name: string;
  tag: string;
}

type Wanted = string | RegExp;

interface Look extends Focused {
  /** How the thing before this one looked under the keyboard, where it looks the same without it. */
  unseen: string | null;
}

const MOST_STEPS = 150;

/**
 * A person without a mouse: Tab, arrows, letters, and nothing else. Every thing on the way must show that the keyboard is on it: what
 * is around it (outline, shadow, border) differs from what it is once the keyboard has left.
 */
export class Keyboard {
  /** Things on the way that did not show that the keyboard was on them. */
  readonly unseen: string[] = [];

  constructor(readonly page: Page) {}

  press(key: string, times = 1): Promise<void> {
    return repeat(times, () => this.page.keyboard.press(key));
  }

  type(text: string): Promise<void> {
    return this.page.keyboard.type(text);
  }

  async focused(): Promise<Focused> {
    return this.look();
  }

  /** Tab, or Shift+Tab, until the keyboard is on a thing of this name, and it shows. */
  async tabTo(name: Wanted, key: 'Tab' | 'Shift+Tab' = 'Tab', tag = ''): Promise<void> {
    const seen: string[] = [];
    for (let step = 0; step < MOST_STEPS; step += 1) {
      await this.page.keyboard.press(key);
      const now = await this.look();
      seen.push(now.name || now.tag);
      if (matches(now.name, name) && now.tag.includes(tag)) return this.ring(now);
    }
    throw new Error(`no way by ${key} to ${String(name)}; on the way: ${seen.slice(0, 60).join(' | ')}`);
  }

  /** An arrow until the keyboard is on a thing of this name: in menus, lists and tabs. */
  async arrowTo(name: Wanted, key = 'ArrowDown'): Promise<void> {
    const seen: string[] = [];
    for (let step = 0; step < 40; step += 1) {
      const now = await this.look();
      if (matches(now.name, name)) return;
      seen.push(now.name);
      await this.page.keyboard.press(key);
    }
    throw new Error(`no way by ${key} to ${String(name)}; on the way: ${seen.join(' | ')}`);
  }

  /** Waits until the keyboard has been put on a thing of this name. */
  async isOn(name: Wanted): Promise<void> {
    await until(`the keyboard on ${String(name)}`, async () => matches((await this.look()).name, name));
  }

  /** The keyboard is somewhere, and one sees where. */
  private async ring(now: Focused) {
    const shown = await this.page.evaluate(() => {
      const rings = (one: Element) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
        return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
      };
      let one: Element | null = document.activeElement;
      if (one?.nextElementSibling && rings(one.nextElementSibling)) return true;
      for (let up = 0; one && up < 4; up += 1, one = one.parentElement) if (rings(one)) return true;
      return false;
    });
    if (!shown) this.unseen.push(`${now.tag} "${now.name}" (no ring)`);
  }

  private async look(): Promise<Look> {
    const look = await this.page.evaluate(async () => {
      interface Before {
        one: Element;
        looks: string;
        name: string;
      }
      const kept = window as unknown as { keyboardWasOn?: Before };
      const around = (one: Element) => {
        const chain: Element[] = one.nextElementSibling ? [one.nextElementSibling] : [];
        for (let up: Element | null = one, n = 0; up && n < 4; up = up.parentElement, n += 1) chain.push(up);
        return chain
          .map((part) => {
            const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor } =
              getComputedStyle(part);
            const own = [outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor];
            // Menus show it by what is behind the words, lines of a drawing by the line.
            const drawn = part instanceof SVGElement ? part.querySelector('path') : null;
            const line = drawn && getComputedStyle(drawn);
            return [...own, getComputedStyle(part).backgroundColor, line?.stroke, line?.strokeWidth].join();
          })
          .join(';');
      };
      const words = (one: Element): string => {
        const by = one.getAttribute('aria-labelledby')?.split(' ') ?? [];
        const named = by.map((id) => document.getElementById(id)?.textContent?.trim() ?? '').join(' ');
        const label = (one as HTMLInputElement).labels?.[0]?.textContent?.trim() ?? '';
        const own = one.textContent?.replace(/\s+/g, ' ').trim() ?? '';
        return one.getAttribute('aria-label') || named || label.replace(/\s+/g, ' ') || own;
      };
      const settled = () =>
        Promise.all(
          document
            .getAnimations()
            .filter((one) => one instanceof CSSTransition)
            .map((one) => one.finished.catch(() => {})),
        );
      await settled();
      const before = kept.keyboardWasOn;
      const one = document.activeElement;
      const stands = before && before.one !== one && before.one.isConnected && !before.one.contains(one);
      const same = stands && around(before.one) === before.looks;
      const isPage = !one || one === document.body || one === document.documentElement;
      const name = isPage ? '' : words(one);
      if (isPage) delete kept.keyboardWasOn;
      else kept.keyboardWasOn = { one, looks: around(one), name: `${one.tagName} "${name}"` };
      return { name, tag: one?.tagName ?? '', unseen: same ? before.name : null };
    });
    if (look.unseen && !this.unseen.includes(look.unseen)) this.unseen.push(look.unseen);
    return look;
  }
}

function matches(now: string, wanted: Wanted): boolean {
  return typeof wanted === 'string' ? now === wanted : wanted.test(now);
}

async function repeat(times: number, act: () => Promise<void>) {
  for (let n = 0; n < times; n += 1) await act();
}
