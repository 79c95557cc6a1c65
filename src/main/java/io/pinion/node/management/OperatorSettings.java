package io.pinion.node.management;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.pinion.actors.database.Database.Requester;
import io.pinion.node.auth.Credentials;
import io.pinion.store.value.Identity;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What {@code pinion.operators} says.
 *
 * @param identities who may do with everybody's databases what their owners may
 * @param openReads whether anybody may see how the databases of this node are
 */
public record OperatorSettings(Set<Identity> identities, boolean openReads) {
    public OperatorSettings {
        identities = Set.copyOf(identities);
    }

    /**
     * @param config the section {@code pinion.operators}
     * @throws ConfigException.BadValue if one is no identity
     */
    public static OperatorSettings of(Config config) {
        Set<Identity> identities = config.getStringList("identities").stream()
                .map(text -> identity(config, text))
                .collect(Collectors.toSet());
        return new OperatorSettings(identities, config.getBoolean("open-reads"));
    }

    private static Identity identity(Config config, String text) {
        if (!Identity.isIdentity(text)) {
            throw new ConfigException.BadValue(
                    config.getValue("identities").origin(),
                    "pinion.operators.identities",
                    text + " is no identity: 64 hex digits, as `pinion login` shows them");
        }
        return Identity.parse(text);
    }

    /** The same operators where other reads are open. */
    OperatorSettings withOpenReads(boolean open) {
        return new OperatorSettings(identities, open);
    }

    Requester requester(Credentials caller) {
        boolean isOperator = identities.contains(caller.identity()) || ClientCertificates.isOperator(caller);
        return new Requester(caller.identity(), isOperator);
    }
}
