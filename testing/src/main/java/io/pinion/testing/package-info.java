/** Lives here: what tests and benchmarks need outside their own process: a PostgreSQL server, a node, a client that kills it. May not: anything that the product needs at run time. */
@NullMarked
package io.pinion.testing;

import org.jspecify.annotations.NullMarked;
