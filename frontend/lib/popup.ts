const WIDTH = 600;
const HEIGHT = 700;

/** An empty window in the middle of this one; null where the browser blocks it, as it does outside of a click. */
export function openPopup(name: string): Window | null {
  const left = Math.round(window.screenX + (window.outerWidth - WIDTH) / 2);
  const top = Math.round(window.screenY + (window.outerHeight - HEIGHT) / 2);
  return window.open("about:blank", name, `popup,width=${WIDTH},height=${HEIGHT},left=${left},top=${top}`);
}
