package io.pinion.actors.database;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.store.schema.ModuleDef.Parameters;
import io.pinion.store.schema.ModuleDef.ReducerDef;
import io.pinion.store.schema.ModuleDef.Visibility;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.BsatnLayout;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.SatsJsonException;
import java.util.List;

/** A reducer made ready for calls: what it takes is checked before it is called. Immutable. */
final class Reducer {
    private final ReducerDef def;
    private final BsatnLayout[] parameters;

    Reducer(ReducerDef def) {
        this.def = def;
        Parameters declared = def.parameters();
        this.parameters = declared.elements().elements().stream()
                .map(element -> BsatnLayout.of(declared.typespace(), element.type()))
                .toArray(BsatnLayout[]::new);
    }

    int id() {
        return def.id();
    }

    String name() {
        return def.name();
    }

    boolean isLifecycle() {
        return def.lifecycle().isPresent();
    }

    boolean isPrivate() {
        return def.visibility() == Visibility.PRIVATE;
    }

    /**
     * The arguments as the guest gets them. Bytes that fit are passed on as they are.
     *
     * @throws BadArgumentsException that names the parameter
     */
    Bytes check(Arguments arguments) throws BadArgumentsException {
        return switch (arguments) {
            case Arguments.Bsatn(Bytes bytes) -> check(bytes);
            case Arguments.Json(String text) -> read(text);
        };
    }

    private Bytes read(String text) throws BadArgumentsException {
        Parameters declared = def.parameters();
        try {
            return SatsJson.readArguments(
                    "reducer args for " + name(), declared.typespace(), declared.elements(), text);
        } catch (SatsJsonException e) {
            throw bad(String.valueOf(e.getMessage()));
        }
    }

    private Bytes check(Bytes bytes) throws BadArgumentsException {
        byte[] array = bytes.unsafeArray();
        int at = 0;
        for (int i = 0; i < parameters.length; i++) {
            if (at == array.length && i > 0 && !takesNoBytes(i)) {
                throw bad("invalid length " + i + ", expected reducer args for " + name() + " with " + parameters.length
                        + " elements");
            }
            try {
                at = parameters[i].check(array, at, array.length);
            } catch (BsatnException e) {
                throw bad(describe(i) + ": " + e.getMessage());
            }
        }
        if (at != array.length) {
            throw bad((array.length - at) + " bytes are left over after the " + parameters.length + " arguments");
        }
        return bytes;
    }

    private boolean takesNoBytes(int parameter) {
        return parameters[parameter].fixedSize().orElse(1) == 0;
    }

    private String describe(int parameter) {
        List<Element> elements = def.parameters().elements().elements();
        String name = elements.get(parameter).name();
        return "argument " + parameter + (name == null ? "" : " (" + name + ")");
    }

    private BadArgumentsException bad(String problem) {
        return new BadArgumentsException("invalid arguments for reducer " + name() + ": " + problem);
    }

    /** Says which argument is wrong and why. */
    static final class BadArgumentsException extends Exception {
        private static final long serialVersionUID = 1L;

        private final String problem;

        BadArgumentsException(String problem) {
            super(problem, null, false, false);
            this.problem = problem;
        }

        String problem() {
            return problem;
        }
    }
}
