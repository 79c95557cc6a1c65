package io.pinion.node.http;

import io.pinion.node.auth.Credentials;
import io.pinion.node.auth.TokenAuthority;
import io.pinion.node.auth.TokenVerdict;
import java.util.Locale;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** Finds the token of a request, has it checked, and makes an identity for whoever may come without one. Threadsafe. */
public final class Authenticator implements Router.Gate {
    private static final String SCHEME = "bearer ";

    private final TokenAuthority tokens;

    public Authenticator(TokenAuthority tokens) {
        this.tokens = tokens;
    }

    /** Leaves the caller in the exchange, as far as the route asks for one; refuses with 400 or 401. */
    @Override
    public void authenticate(Exchange exchange, Route.Access access) {
        if (access == Route.Access.OPEN) {
            return;
        }
        Optional<String> token = token(exchange, access);
        if (token.isPresent()) {
            exchange.authenticate(accepted(token.get()));
        } else if (access == Route.Access.REQUIRED) {
            throw HttpRefusal.of(401, "Authorization is needed: send a token as Authorization: Bearer TOKEN");
        } else if (access.showsIdentity()) {
            exchange.introduce(tokens.mintIdentity());
        }
    }

    private Credentials accepted(String token) {
        return switch (tokens.validate(token)) {
            case TokenVerdict.Accepted(Credentials credentials) -> credentials;
            case TokenVerdict.Refused(String reason) -> throw HttpRefusal.of(401, reason);
        };
    }

    /** From the header, else from the query; what has no two dots there may be a migration token. */
    private static Optional<String> token(Exchange exchange, Route.Access access) {
        Optional<String> header = exchange.header("Authorization");
        if (header.isPresent()) {
            return Optional.of(bearer(header.get()));
        }
        return exchange.query().text("token").filter(text -> access != Route.Access.PUBLISHER || hasThreeParts(text));
    }

    private static boolean hasThreeParts(String token) {
        return token.chars().filter(character -> character == '.').count() == 2;
    }

    private static String bearer(String header) {
        String token =
                header.substring(Math.min(header.length(), SCHEME.length())).strip();
        if (!header.toLowerCase(Locale.ROOT).startsWith(SCHEME) || token.isEmpty() || token.contains(" ")) {
            throw HttpRefusal.of(400, "Authorization token is malformed: it has to be Authorization: Bearer TOKEN");
        }
        return token;
    }

    /** Adds who the request was made as, and by which token. */
    static HttpResponse withIdentity(HttpResponse response, Credentials credentials) {
        return response.addHeader(RawHeader.create(
                        "spacetime-identity", credentials.identity().toHex()))
                .addHeader(RawHeader.create("spacetime-identity-token", credentials.token()));
    }
}
