package io.pinion.modules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.io.Serializable;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The arrows of this Maven module. */
class ModulesArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.pinion.modules");

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.pinion.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void chicoryStaysInItsPackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.pinion.modules.wasm..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.dylibso.chicory..")
                .check(CLASSES);
        assertNothingPublicShows("io.pinion.modules.wasm", "com.dylibso.chicory");
    }

    @Test
    void polyglotStaysInItsPackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.pinion.modules.js..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.graalvm..", "com.oracle.truffle..")
                .check(CLASSES);
        assertNothingPublicShows("io.pinion.modules.js", "org.graalvm");
    }

    /** No public method of a public class takes or returns a type of the engine. */
    private static void assertNothingPublicShows(String pinionPackage, String enginePackage) {
        for (JavaClass type : CLASSES) {
            if (type.getPackageName().equals(pinionPackage) && isPublic(type.getModifiers())) {
                type.getMethods().stream()
                        .filter(method -> isPublic(method.getModifiers()))
                        .flatMap(method -> method.getAllInvolvedRawTypes().stream())
                        .forEach(shown -> assertFalse(
                                shown.getPackageName().startsWith(enginePackage), () -> type + " shows " + shown));
            }
        }
    }

    private static boolean isPublic(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC);
    }

    @Test
    void theHostCallsKnowNoEngine() {
        noClasses()
                .that()
                .resideInAPackage("io.pinion.modules.host..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.pinion.modules.wasm..", "io.pinion.modules.js..")
                .check(CLASSES);
    }

    @Test
    void nothingHereKnowsActorsOrHttp() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.pekko..", "io.pinion.actors..", "io.pinion.node..", "java.net.http..")
                .check(CLASSES);
    }

    @Test
    void nothingWritesToStandardStreams() {
        GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(CLASSES);
    }

    @Test
    void everyPackageIsNullMarked() {
        Set<JavaPackage> packages = CLASSES.stream().map(JavaClass::getPackage).collect(Collectors.toSet());
        assertFalse(packages.isEmpty());
        for (JavaPackage each : packages) {
            assertTrue(each.isAnnotatedWith(NullMarked.class), each.getName());
        }
    }

    @Test
    void nothingIsSerializable() {
        classes()
                .that()
                .areNotAssignableTo(Throwable.class)
                .and()
                .areNotEnums()
                .should()
                .notBeAssignableTo(Serializable.class)
                .check(CLASSES);
    }
}
