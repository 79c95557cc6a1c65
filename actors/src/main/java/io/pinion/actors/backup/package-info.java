/**
 * Lives here: archives of databases, what is in them and how they are written, read and checked. May not: know the actors of
 * databases, or where an archive comes from and goes to.
 *
 * <pre>
 *   head.json            what it is; enough to refuse it early
 *   000001.program       the program of the state or entries that follow
 *   000002.state         definition, ids and sequences of a state; its rows follow
 *   000003.rows  …
 *   000004.log   …       what was committed after it
 *   manifest.json        everything about it, with a checksum of each part; without it the archive is incomplete
 * </pre>
 */
@NullMarked
package io.pinion.actors.backup;

import org.jspecify.annotations.NullMarked;
