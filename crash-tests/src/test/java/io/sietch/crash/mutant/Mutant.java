package io.sietch.crash.mutant;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A mistake in shipped code. No shipped code has a switch for it: class files are changed while they are loaded.
 *
 * <p>The classes under test and those of the harness that call them are loaded by a loader of the mutant's own, so many
 * mutants live beside each other and beside the sound code. What both worlds speak of (the kit, vsic, the JDK) comes
 * from the common parent.
 *
 * @param name what is wrong, in words
 * @param changes that together make the mistake
 */
public record Mutant(String name, List<Change> changes) {
    /**
     * One changed place.
     *
     * @param className of the class
     * @param method in which it is; all overloads
     * @param edit what is changed
     * @param nth which of the places that the edit fits, from 1 in the order of the class file
     */
    public record Change(String className, String method, Edit edit, int nth) {}

    /** A mistake that takes one change. */
    public static Mutant of(String name, String className, String method, Edit edit, int nth) {
        return new Mutant(name, List.of(new Change(className, method, edit, nth)));
    }

    /** The same with another change. */
    public Mutant and(String className, String method, Edit edit, int nth) {
        return new Mutant(
                name,
                Stream.concat(changes.stream(), Stream.of(new Change(className, method, edit, nth)))
                        .toList());
    }

    /**
     * A loader in which the mistake has been made.
     *
     * @param packages name prefixes of the classes that must be loaded by it: those under test, and those that call
     *     them
     */
    public Loader loader(String... packages) {
        return new Loader(this, List.of(packages));
    }

    @Override
    public String toString() {
        return name;
    }

    /** Loads the mutated classes, and those that must see them. */
    public static final class Loader extends ClassLoader {
        private final Mutant mutant;
        private final List<String> packages;
        private int applied;

        private Loader(Mutant mutant, List<String> packages) {
            super(Mutant.class.getClassLoader());
            this.mutant = mutant;
            this.packages = packages;
            // Whatever runs the tests asks for assertions in the loader that it knows of.
            setDefaultAssertionStatus(true);
        }

        /** How many changes have been made so far; while there are fewer than the mutant has, nothing was tested. */
        public int applied() {
            return applied;
        }

        /** Makes an object of a class with a constructor of such parameters, in the world of the mutant. */
        public Object make(String name, Class<?>[] parameters, Object... arguments) {
            try {
                var constructor = loadClass(name).getDeclaredConstructor(parameters);
                constructor.setAccessible(true);
                return constructor.newInstance(arguments);
            } catch (ReflectiveOperationException e) {
                throw new AssertionError("cannot make a " + name + " for mutant " + mutant, e);
            }
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                if (packages.stream().noneMatch(name::startsWith)) {
                    return super.loadClass(name, resolve);
                }
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                for (String method : methodsOf(name)) {
                    bytes = change(name, method, bytes);
                }
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        private Set<String> methodsOf(String className) {
            return mutant.changes.stream()
                    .filter(change -> change.className.equals(className))
                    .map(Change::method)
                    .collect(Collectors.toSet());
        }

        /** Makes all changes of one method in one pass, so that each counts places of the sound code. */
        private byte[] change(String className, String methodName, byte[] bytes) {
            List<Change> changes = mutant.changes.stream()
                    .filter(change -> change.className.equals(className) && change.method.equals(methodName))
                    .toList();
            int[] places = new int[changes.size()];
            ClassFile classFile = ClassFile.of();
            byte[] changed = classFile.transformClass(
                    classFile.parse(bytes),
                    ClassTransform.transformingMethodBodies(
                            method -> method.methodName().equalsString(methodName), (code, element) -> {
                                Change hit = null;
                                for (int i = 0; i < places.length; i++) {
                                    Change change = changes.get(i);
                                    if (change.edit.fits().test(element) && ++places[i] == change.nth) {
                                        hit = change;
                                    }
                                }
                                if (hit == null) {
                                    code.with(element);
                                } else {
                                    hit.edit.replacement().accept(code, element);
                                }
                            }));
            for (int i = 0; i < places.length; i++) {
                if (places[i] < changes.get(i).nth) {
                    throw new AssertionError(
                            "mutant \"" + mutant + "\": " + changes.get(i) + " fits " + places[i] + " places only");
                }
            }
            applied += places.length;
            return changed;
        }
    }
}
