/** Lives here: databases spread over the cluster: sharding, the directory of names, the host that embedders use. May not: HTTP. */
@NullMarked
package io.pinion.actors.cluster;

import org.jspecify.annotations.NullMarked;
