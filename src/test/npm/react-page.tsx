// A page as a project has it: live rows of a table by the hooks of the package, with the bindings that were generated.
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { SpacetimeDBProvider, useReducer, useSpacetimeDB, useTable } from 'spacetimedb/react';
import { DbConnection, reducers, tables } from './index';

const query = new URLSearchParams(location.search);
const builder = DbConnection.builder()
  .withUri(query.get('node') ?? '')
  .withDatabaseName(query.get('database') ?? '');

function People() {
  const { isActive, identity } = useSpacetimeDB();
  const [people, isReady] = useTable(tables.people.where(row => row.homeTown.eq('Bern')));
  const addPerson = useReducer(reducers.addPerson);
  const removePerson = useReducer(reducers.removePerson);
  const [refusal, setRefusal] = useState('');
  const add = (nickName: string, age: number) =>
    addPerson({ nickName, homeTown: 'Bern', age }).catch(error => setRefusal(String(error?.message ?? error)));
  return (
    <main data-active={isActive} data-ready={isReady} data-identity={identity?.toHexString() ?? ''}>
      <ul>
        {people.map(person => (
          <li key={String(person.id)}>{person.nickName}</li>
        ))}
      </ul>
      <p id="refusal">{refusal}</p>
      <button id="ann" onClick={() => add('Ann', 41)}>Ann</button>
      <button id="bo" onClick={() => add('Bo', 4)}>Bo</button>
      <button id="too-old" onClick={() => add('Di', 200)}>Di</button>
      <button id="remove-ann" onClick={() => removePerson({ nickName: 'Ann' })}>Remove Ann</button>
    </main>
  );
}

createRoot(document.getElementById('root')!).render(
  <SpacetimeDBProvider connectionBuilder={builder}>
    <People />
  </SpacetimeDBProvider>,
);
