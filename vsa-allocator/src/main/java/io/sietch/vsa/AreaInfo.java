package io.sietch.vsa;

import io.sietch.vsic.RateLimit;

/**
 * What an area is. Where it lies on the medium is nobody's business.
 *
 * @param id its number for life; no other area of the device ever has it
 * @param size bytes
 * @param granule bytes of which every extent is a multiple
 * @param extents in how many pieces it lies
 */
public record AreaInfo(long id, String name, long size, long granule, String owner, RateLimit limit, int extents) {}
