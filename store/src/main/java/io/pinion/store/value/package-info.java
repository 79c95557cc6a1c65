/**
 * Lives here: the type system (SATS), its binary encoding BSATN, its JSON spellings, identities and hashes. May not:
 * tables, transactions, schemas.
 */
@NullMarked
package io.pinion.store.value;

import org.jspecify.annotations.NullMarked;
