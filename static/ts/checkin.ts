// Whoever is signed in and enrolled has said by scanning that they are here: the form sends itself, once.
const form = document.querySelector<HTMLFormElement>("form[data-arrive]");
const go = (): void => form?.requestSubmit();
if ((document as { prerendering?: boolean }).prerendering) document.addEventListener("prerenderingchange", go, { once: true });
else go();
export {};
