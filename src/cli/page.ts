/** Options of the explorer's page, the same for every command that shows it: what it is called, and which pictures it may show. */
import type { Command } from 'commander';
import { collect } from './options.js';

/** One more folder; after `--no-pictures`, the first. */
const folders = (folder: string, earlier: readonly string[] | false = []) => collect(folder, earlier || []);

/** What they are on the command line. */
export interface PageFlags {
  readonly title?: string;
  readonly beside?: string;
  readonly pictures?: string[] | false;
  readonly pictureHost?: string[];
}

/** Adds the options. */
export function pageOptions(command: Command): Command {
  return command
    .option('--title <TEXT>', 'what the page is called; default the name of the table, or of its model')
    .option(
      '--beside <TABLE>',
      'show this table beside it, such as one of another run: the same items, by id',
    )
    .option(
      '--pictures <FOLDER>',
      'show large pictures from files below this folder alone; may be given several times. Default: the files that ' +
        'the rows of a table in a folder name, none for a table in a bucket or a database',
      folders,
    )
    .option('--no-pictures', 'show thumbnails alone')
    .option(
      '--picture-host <HOST>',
      'fetch pictures that rows name by an address of this host; may be given several times',
      collect,
    );
}
