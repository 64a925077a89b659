/** An image from outside: dropped on the page, pasted or chosen. */

/** Calls `ask` with each image that comes; `refuse` says why something is none. */
export function listenForImages(
  page: HTMLElement,
  file: HTMLInputElement,
  ask: (image: File) => void,
  refuse: (reason: string) => void,
): void {
  const take = (files: FileList | null | undefined) => {
    if (!files || files.length === 0) return;
    const image = [...files].find(({ type }) => type.startsWith('image/'));
    if (image) ask(image);
    else refuse(`${files[0].name} is no image. JPEG, PNG, WebP and GIF can be searched for.`);
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
    take(event.dataTransfer?.files);
  });
  page.addEventListener('paste', (event) => take(event.clipboardData?.files));
  file.addEventListener('change', () => {
    take(file.files);
    file.value = '';
  });
}

/** Gives text to the browser as a file to keep. */
export function saveText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
