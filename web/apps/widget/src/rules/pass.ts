const MARK = /[#&]otklik-inspect=([\w.-]+)/;
const KEPT = 'otklik:inspect';

/** An administrator's pass for the checker in the page: from the link, kept for the pages of this tab. */
export function passOf(): string | null {
  const [, given] = MARK.exec(location.hash) ?? [];
  try {
    if (given) sessionStorage[KEPT] = given;
    return (sessionStorage[KEPT] as string | undefined) ?? null;
  } catch {
    // No storage here: the checker goes with the page.
    return given ?? null;
  }
}

export function forgetPass() {
  try {
    delete sessionStorage[KEPT];
  } catch {
    // Nothing is kept.
  }
}
