/**
 * The storage data plane of Sietch.
 *
 * <pre>
 *   application thread                       device thread (or the same one)
 *   ------------------                       --------------------------------
 *   Vsic.write/read/flush ── submission ring ──► StorageController.poll ──► Media
 *   Vsic.poll ◄──────────── completion ring ◄──────────┘
 * </pre>
 *
 * <p>A {@link io.sietch.vsic.StorageController} emulates a device that hands out virtual storage controllers
 * ({@link io.sietch.vsic.Vsic}), each with a queue pair of its own. An area of the medium
 * ({@link io.sietch.vsic.Vsa}) is attached to one of them by the control plane; from then on no code of the control
 * plane runs for an I/O. Every command is checked against the area's extents, bounds and rights.
 *
 * <p>What a {@link io.sietch.vsic.Media} promises, and what it does not, is stated in docs/media-model.md. In short:
 * a flush covers the writes that had <em>completed before it was submitted</em>, and nothing else orders writes.
 */
package io.sietch.vsic;
