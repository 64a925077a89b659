/** Images from outside: dropped on the page, pasted or chosen. */

/** Calls `take` with the first image of what is given, or `refuse` with the reason where there is none. */
export function listenForImages(
  page: HTMLElement,
  file: HTMLInputElement,
  take: (image: File) => void,
  refuse: (reason: string) => void,
): void {
  const receive = (files: FileList | null | undefined) => {
    if (!files || files.length === 0) return;
    const image = [...files].find(({ type }) => type.startsWith('image/'));
    if (image) take(image);
    else refuse(`${files[0].name} is not an image. Choose a JPEG, PNG, WebP or GIF.`);
  };
  page.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    page.classList.add('dropping');
  });
  page.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) page.classList.remove('dropping');
  });
  page.addEventListener('drop', (event) => {
    event.preventDefault();
    page.classList.remove('dropping');
    receive(event.dataTransfer?.files);
  });
  page.addEventListener('paste', (event) => receive(event.clipboardData?.files));
  file.addEventListener('change', () => {
    receive(file.files);
    file.value = '';
  });
}
