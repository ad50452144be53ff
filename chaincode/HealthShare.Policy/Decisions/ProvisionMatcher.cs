using System.Collections.Immutable;
using HealthShare.Policy.Statements;

namespace HealthShare.Policy.Decisions;

/// <summary>Holds one provision against one record and one request.</summary>
internal static class ProvisionMatcher
{
    /// <summary>The dimensions that do not match; none when the provision matches.</summary>
    /// <param name="provision">The provision.</param>
    /// <param name="record">The record.</param>
    /// <param name="request">The request.</param>
    /// <param name="widens">
    /// True where a match lets more be read: in a permit, and in an exception of what narrows. There labels must all be
    /// named. Where a match lets less be read, one label is enough. So an exception to a permit takes out whatever has
    /// any of its labels, and an exception to a deny gives back only what it names in full.
    /// </param>
    public static Dimensions Misses(Provision provision, RecordFacts record, RequestFacts request, bool widens)
    {
        var misses = Dimensions.None;
        if (!AnyReader(provision.Who, request))
            misses |= Dimensions.Who;
        if (!Names(provision.Purpose, request.Purpose))
            misses |= Dimensions.Purpose;
        if (!NamesAny(provision.Category, record.Categories))
            misses |= Dimensions.Category;
        if (!NamesAny(provision.Labels, record.Labels) || (widens && !NamesEvery(provision.Labels, record.Labels)))
            misses |= Dimensions.Labels;
        if (!Names(provision.Confidentiality, record.Confidentiality))
            misses |= Dimensions.Confidentiality;
        if (!Names(provision.Records, record.Id))
            misses |= Dimensions.Records;
        if (!Names(provision.Authors, record.Author))
            misses |= Dimensions.Authors;
        if (!Names(provision.Encounters, record.Encounter))
            misses |= Dimensions.Encounters;
        if (!Names(provision.Custodians, record.Custodian))
            misses |= Dimensions.Custodians;
        if (provision.DataPeriod is { } period && !period.Contains(record.Date))
            misses |= Dimensions.DataPeriod;
        // An exception matters only to what would match otherwise, save for telling how near a miss was.
        if (IsExcepted(provision.Except, record, request, !widens))
            misses |= Dimensions.Except;
        return misses;
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
