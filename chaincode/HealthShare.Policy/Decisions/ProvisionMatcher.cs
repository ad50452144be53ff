using System.Collections.Immutable;
using HealthShare.Policy.Statements;

namespace HealthShare.Policy.Decisions;

/// <summary>Holds one provision against one record and one request.</summary>
internal static class ProvisionMatcher
{
    /// <summary>
    /// The dimensions that do not match; none when the provision matches. Looks no further once there are two: the first tells
    /// that it does not match, and one alone would tell how near it came.
    /// </summary>
    /// <param name="provision">The provision.</param>
    /// <param name="record">The record.</param>
    /// <param name="request">The request.</param>
    /// <param name="widens">
    /// True where a match lets more be read: in a permit, and in an exception of what narrows. There labels must all be
    /// named. Where a match lets less be read, one label is enough. So an exception to a permit takes out whatever has
    /// any of its labels, and an exception to a deny gives back only what it names in full.
    /// </param>
    /// <param name="known">What is known not to match before; at most one dimension.</param>
    public static Dimensions Misses(
        Provision provision, RecordFacts record, RequestFacts request, bool widens, Dimensions known = Dimensions.None)
    {
        var misses = known;
        if (!AnyReader(provision.Who, request) && AddsSecond(ref misses, Dimensions.Who))
            return misses;
        if (!Names(provision.Purpose, request.Purpose) && AddsSecond(ref misses, Dimensions.Purpose))
            return misses;
        if (!NamesAny(provision.Category, record.Categories) && AddsSecond(ref misses, Dimensions.Category))
            return misses;
        if ((!NamesAny(provision.Labels, record.Labels) || (widens && !NamesEvery(provision.Labels, record.Labels)))
            && AddsSecond(ref misses, Dimensions.Labels))
            return misses;
        if (!Names(provision.Confidentiality, record.Confidentiality) && AddsSecond(ref misses, Dimensions.Confidentiality))
            return misses;
        if (!Names(provision.Records, record.Id) && AddsSecond(ref misses, Dimensions.Records))
            return misses;
        if (!Names(provision.Authors, record.Author) && AddsSecond(ref misses, Dimensions.Authors))
            return misses;
        if (!Names(provision.Encounters, record.Encounter) && AddsSecond(ref misses, Dimensions.Encounters))
            return misses;
        if (!Names(provision.Custodians, record.Custodian) && AddsSecond(ref misses, Dimensions.Custodians))
            return misses;
        if (provision.DataPeriod is { } period && !period.Contains(record.Date) && AddsSecond(ref misses, Dimensions.DataPeriod))
            return misses;
        // An exception matters only to what would match otherwise, save for telling how near a miss was.
        if (IsExcepted(provision.Except, record, request, !widens))
            misses |= Dimensions.Except;
        return misses;
    }

    private static bool AddsSecond(ref Dimensions misses, Dimensions miss)
    {
        var isSecond = misses is not Dimensions.None;
        misses |= miss;
        return isSecond;
    }

    private static bool IsExcepted(ImmutableArray<Provision> exceptions, RecordFacts record, RequestFacts request, bool widens)
    {
        if (exceptions.IsDefaultOrEmpty)
            return false;
        foreach (var exception in exceptions)
        {
            if (Misses(exception, record, request, widens) is Dimensions.None)
                return true;
        }
        return false;
    }

    private static bool AnyReader(ImmutableArray<Who> readers, RequestFacts request)
    {
        if (readers.IsDefault)
            return true;
        foreach (var who in readers)
        {
            var matches = who switch
            {
                WhoAnyHospital => request.IsHospital,
                WhoOrg reader => Same(reader.Org, request.Org) && (reader.Role is null || Same(reader.Role, request.Role))
                    && (reader.Staff is null || Same(reader.Staff, request.Staff)),
                _ => false,
            };
            if (matches)
                return true;
        }
        return false;
    }

    private static bool Names(ImmutableArray<string> entries, string? value) => entries.IsDefault || Contains(entries, value);

    private static bool NamesAny(ImmutableArray<string> entries, ImmutableArray<string> values)
    {
        if (entries.IsDefault)
            return true;
        if (values.IsDefault)
            return false;
        foreach (var value in values)
        {
            if (Contains(entries, value))
                return true;
        }
        return false;
    }

    private static bool NamesEvery(ImmutableArray<string> entries, ImmutableArray<string> values)
    {
        if (values.IsDefault)
            return true;
        foreach (var value in values)
        {
            if (entries.IsDefault || !Contains(entries, value))
                return false;
        }
        return true;
    }

    private static bool Contains(ImmutableArray<string> entries, string? value)
    {
        foreach (var entry in entries)
        {
            if (Same(entry, value))
                return true;
        }
        return false;
    }

    private static bool Same(string? a, string? b) => string.Equals(a, b, StringComparison.Ordinal);
}
