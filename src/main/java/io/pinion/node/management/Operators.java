package io.pinion.node.management;

import io.pinion.actors.database.Database.Requester;
import io.pinion.node.http.Databases;
import io.pinion.node.http.Exchange;
import io.pinion.node.http.HttpRefusal;
import io.pinion.store.value.Identity;

/** Who may look after which database: operators after all, owners after their own. Blocks. Threadsafe. */
final class Operators {
    private final OperatorSettings settings;
    private final Databases databases;

    Operators(OperatorSettings settings, Databases databases) {
        this.settings = settings;
        this.databases = databases;
    }

    OperatorSettings settings() {
        return settings;
    }

    Requester requester(Exchange exchange) {
        return settings.requester(exchange.credentials());
    }

    /** Refuses with 403 who may not even read. */
    void requireReader(Exchange exchange) {
        if (!settings.openReads()) {
            requireOperator(exchange, "see the cluster");
        }
    }

    /** Refuses with 403 who is no operator. */
    void requireOperator(Exchange exchange, String action) {
        Requester requester = requester(exchange);
        if (!requester.isOperator()) {
            throw HttpRefusal.of(
                    403,
                    requester.identity() + " may not " + action
                            + ": only an operator may, and pinion.operators.identities of this node does not name it");
        }
    }

    /**
     * Refuses with 403 who is neither an operator nor the owner. The directory knows owners, also where a database cannot
     * say so itself.
     */
    void requireOwner(Exchange exchange, Identity database, String action) {
        Requester requester = requester(exchange);
        if (!requester.isOperator()
                && !Databases.await(databases.host().ownedBy(requester.identity()))
                        .contains(database)) {
            throw denied(requester.identity(), database, action);
        }
    }

    static HttpRefusal denied(Identity caller, Identity database, String action) {
        return HttpRefusal.of(
                403,
                caller + " is not authorized to perform action " + action + " on database " + database
                        + ": only its owner is, or an operator of the node (pinion.operators.identities)");
    }
}
