// The contract with what the newest SDK has besides: HTTP handlers.
import { Router, SyncResponse } from 'spacetimedb/server';
import contract from './core';

export * from './core';
export default contract;

export const echo = contract.httpHandler((ctx, request) => {
  const count = ctx.withTx(tx => tx.db.items.count());
  return new SyncResponse(`${request.uri}|${request.headers.get('x-in')}|${request.text()}`, {
    status: 201,
    headers: { 'x-method': request.method, 'x-count': `${count}` },
  });
});
export const broken = contract.httpHandler(() => {
  throw new Error('a mistake');
});
export const routes = contract.httpRouter(new Router().post('/echo', echo).any('/any', echo).get('/broken', broken));
