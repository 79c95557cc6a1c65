package io.pinion.node.cli;

import io.pinion.actors.cluster.DatabaseName;
import io.pinion.store.value.Identity;

/** Names as users type them. */
final class DatabaseNames {
    private DatabaseNames() {}

    /** The path of a database; a name that cannot be one is refused here, with one that could. */
    static String path(String nameOrIdentity) {
        return "/v1/database/" + segment(nameOrIdentity);
    }

    /** As a part of another path. */
    static String segment(String nameOrIdentity) {
        if (!Identity.isIdentity(nameOrIdentity)) {
            DatabaseName.problem(nameOrIdentity).ifPresent(problem -> {
                throw new CliException(complaint(nameOrIdentity, problem));
            });
        }
        return NodeClient.segment(nameOrIdentity);
    }

    private static String complaint(String name, String problem) {
        return "`" + name + "` cannot be the name of a database: " + problem
                + DatabaseName.suggestion(name)
                        .map(suggestion -> "; try `" + suggestion + "`")
                        .orElse("");
    }
}
