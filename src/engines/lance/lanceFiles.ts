/** The files kept with a LanceDB table, such as its tree and its network: rows of a table of their own, with checksums. */
import type { Connection, Table } from '@lancedb/lancedb';
import { quoted } from '../../store/filter/filterSql.js';
import { checkedFile, sumName } from '../../store/keptFiles.js';
import type { Store } from '../../store/store.js';
import { type ArrowRow, FILES, fileToArrow } from './arrowItems.js';
import { FILES_TABLE, type LancePlace } from './lancePlace.js';
import { openToReaders } from './lanceRights.js';
import { besideOthers, upsert } from './lanceWrite.js';

/** Reads and keeps files of a table. */
export function keptFiles(place: LancePlace, db: Connection, table: Table): Pick<Store, 'file' | 'setFile'> {
  return {
    async file(name) {
      if (!(await place.exists(FILES_TABLE))) return null;
      const files = await db.openTable(FILES_TABLE);
      const rows: ArrowRow[] = await files
        .query()
        .where(`name IN (${quoted(name)}, ${quoted(sumName(name))})`)
        .toArray();
      const bytesOf = (wanted: string) => {
        const row = rows.find((one) => one.name === wanted);
        return row && Uint8Array.from(row.bytes as Uint8Array);
      };
      const [bytes, sum] = [bytesOf(name), bytesOf(sumName(name))];
      return bytes
        ? checkedFile(place.uri, name, { bytes, sum: sum && Buffer.from(sum).toString('latin1') })
        : null;
    },
    async setFile(name, bytes) {
      const files = await besideOthers(table, async () =>
        (await place.exists(FILES_TABLE))
          ? db.openTable(FILES_TABLE)
          : db.createEmptyTable(FILES_TABLE, FILES, { existOk: true }),
      );
      await upsert(files, 'name', fileToArrow(name, bytes));
      openToReaders(place);
    },
  };
}
