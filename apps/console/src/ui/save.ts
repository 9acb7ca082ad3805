/** Hands a file to the browser to keep. */
export function save(name: string, content: Blob): string {
    const address = URL.createObjectURL(content);
    const link = document.createElement('a');
    link.href = address;
    link.download = name;
    link.click();
    URL.revokeObjectURL(address);
    return `${name} is saved.`;
}
