import { holderOf, isSingle, isTaken, pressOf, type Command, type Keys } from './keys';

/** How long a single key waits for a second one. */
const SECOND_MS = 900;

/** Listens for new keys of a command: one press, or two single ones after each other. */
export class Recorder {
  command = $state<Command | null>(null);
  /** What was pressed so far. */
  pressed = $state('');
  /** Whose the keys are already. */
  holder = $state<Command | null>(null);
  isTaken = $state(false);
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly own: () => Keys,
    private readonly onkeys: (command: Command, key: string) => void,
  ) {}

  begin(command: Command) {
    this.stop();
    this.command = command;
  }

  stop() {
    clearTimeout(this.timer);
    [this.command, this.pressed, this.holder, this.isTaken] = [null, '', null, false];
  }

  /** True when the press was for it. Tab and Escape end it: nobody is caught. */
  take(event: KeyboardEvent): boolean {
    if (!this.command) return false;
    if (event.key === 'Tab') {
      this.stop();
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') {
      this.stop();
      return true;
    }
    const press = pressOf(event);
    if (!press || event.repeat) return true;
    clearTimeout(this.timer);
    const follows = this.pressed !== '' && !this.pressed.includes(' ') && !this.holder && !this.isTaken;
    this.pressed = follows && isSingle(press) && isSingle(this.pressed) ? `${this.pressed} ${press}` : press;
    [this.holder, this.isTaken] = [null, isTaken(this.pressed)];
    const isWhole = this.pressed.includes(' ') || !isSingle(this.pressed);
    if (isWhole || this.isTaken) this.settle();
    else this.timer = setTimeout(() => this.settle(), SECOND_MS);
    return true;
  }

  private settle() {
    const command = this.command;
    if (!command || this.isTaken) return;
    this.holder = holderOf(this.pressed, command, this.own());
    if (this.holder) return;
    this.onkeys(command, this.pressed);
    this.stop();
  }
}
