package io.pinion.node.management;

import io.pinion.node.auth.Credentials;
import io.pinion.node.http.Exchange;
import io.pinion.node.http.Route;
import io.pinion.node.http.Router;
import io.pinion.store.value.Identity;
import java.security.Principal;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.apache.pekko.http.javadsl.model.AttributeKeys;

/**
 * Who connects with a certificate that the trust store of the management vouches for is an operator, named by its subject;
 * everybody else needs a token. Threadsafe.
 */
final class ClientCertificates implements Router.Gate {
    /** No token has it, as tokens come from URLs and from this node's own issuer. */
    private static final String ISSUER = "client certificate";

    private final Router.Gate tokens;

    ClientCertificates(Router.Gate tokens) {
        this.tokens = tokens;
    }

    static boolean isOperator(Credentials caller) {
        return caller.token().isEmpty() && caller.issuer().equals(ISSUER);
    }

    @Override
    public void authenticate(Exchange exchange, Route.Access access) {
        Optional<Principal> subject =
                exchange.request().getAttribute(AttributeKeys.sslSession).flatMap(info -> subject(info.getSession()));
        if (subject.isPresent()) {
            exchange.authenticate(credentials(subject.get().getName()));
        } else {
            tokens.authenticate(exchange, access);
        }
    }

    private static Optional<Principal> subject(SSLSession session) {
        try {
            return Optional.of(session.getPeerPrincipal());
        } catch (SSLPeerUnverifiedException _) {
            return Optional.empty(); // came without one
        }
    }

    private static Credentials credentials(String subject) {
        return new Credentials(Identity.derive(ISSUER, subject), ISSUER, subject, "", "{}");
    }
}
