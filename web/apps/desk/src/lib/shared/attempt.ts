import { toast } from 'svelte-sonner';
import { problemText } from './problem';

/** Does something that a person asked for, and says so if it fails. True when it went well. */
export async function attempt(
  action: () => Promise<unknown>,
  say: (error: unknown) => string = problemText,
): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    toast.error(say(error));
    return false;
  }
}
