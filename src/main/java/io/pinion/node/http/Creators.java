package io.pinion.node.http;

import com.typesafe.config.Config;
import io.pinion.node.auth.Credentials;
import io.pinion.store.value.Identity;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who may make new databases, as {@code pinion.auth.creators} says: everybody, or those who are listed or come from a listed
 * issuer. What somebody has made stays theirs to update.
 *
 * @param issuers without slashes at their ends
 */
record Creators(List<String> issuers, Set<Identity> identities) {
    /** @param config the section {@code pinion.auth.creators} */
    static Creators of(Config config) {
        return new Creators(
                config.getStringList("issuers").stream().map(Creators::plain).toList(),
                config.getStringList("identities").stream().map(Identity::parse).collect(Collectors.toSet()));
    }

    boolean isEverybody() {
        return issuers.isEmpty() && identities.isEmpty();
    }

    /** Refuses with 401 whoever may not. */
    void require(Credentials caller) {
        if (!isEverybody() && !issuers.contains(plain(caller.issuer())) && !identities.contains(caller.identity())) {
            throw HttpRefusal.of(
                    401,
                    issuers.isEmpty()
                            ? caller.identity() + " may not make databases at this node"
                            : "a login is needed to make databases at this node: a token of "
                                    + String.join(" or ", issuers));
        }
    }

    private static String plain(String issuer) {
        return issuer.replaceAll("/+$", "");
    }
}
