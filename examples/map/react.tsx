/** A page of React with the map on it. Bundle this file, and open react.html beside the bundle. */
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { HierMap } from './HierMap.js';
import { COLUMNS, POINTS, TREE } from './things.js';

function Page() {
  const [selected, setSelected] = useState<string | null>(null);
  const [colourBy, setColourBy] = useState('class');
  const other = colourBy === 'class' ? 'price' : 'class';
  return (
    <main>
      <button type="button" onClick={() => setColourBy(other)}>
        Colour by {other}
      </button>
      <HierMap
        points={POINTS}
        tree={TREE}
        columns={COLUMNS}
        label="Map of fruit and drinks"
        colourBy={colourBy}
        selected={selected}
        onSelect={setSelected}
        style={{ height: '70vh' }}
      />
      <p id="chosen">{selected ?? 'Click a point.'}</p>
    </main>
  );
}

createRoot(document.querySelector('#page') as HTMLElement).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
