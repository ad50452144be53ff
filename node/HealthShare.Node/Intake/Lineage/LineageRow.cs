using HealthShare.Chaincode.Ledger;

namespace HealthShare.Node.Intake.Lineage;

/// <summary>A record's place in one series, as the node keeps it.</summary>
internal sealed class LineageRow
{
    /// <summary>Bytes of the hash that stands for a part.</summary>
    public const int PartSize = 8;

    // Milliseconds. Messages are delayed for hours by engines and networks; to the day, a time says enough.
    private const long LargestDelay = 24 * 60 * 60 * 1000;

    public byte[] Series { get; set; } = [];

    public string RecordId { get; set; } = "";

    public long Belongs { get; set; }

    public string PatientId { get; set; } = "";

    public long SentAt { get; set; }

    /// <summary>The last moment that the time of sending may mean.</summary>
    public long SentUntil { get; set; }

    /// <summary>1 where the message says that it corrects what was sent before.</summary>
    public long Corrects { get; set; }

    public long StatusRank { get; set; }

    /// <summary>Place of the message in the journal.</summary>
    public long Arrived { get; set; }

    public string Action { get; set; } = "";

    /// <summary>Hashes of the parts, ordered, one after the other; null where there are more than are kept.</summary>
    public byte[]? Parts { get; set; }

    /// <summary>
    /// Which of two rows of one series is the later one: by when they were sent; where the less exact of both times does not tell, by the status that they state,
    /// then by when they came. A correction is later than what came before it and is none, unless their times say otherwise and are less than a day apart: a
    /// clock that is further off is a wrong one.
    /// </summary>
    public int CompareTo(LineageRow other)
    {
        var byClock = SentUntil < other.SentAt ? -1 : SentAt > other.SentUntil ? 1 : 0;
        if (Corrects != other.Corrects && Arrived.CompareTo(other.Arrived) == Corrects.CompareTo(other.Corrects)
            && (byClock == 0 || Math.Max(SentAt - other.SentUntil, other.SentAt - SentUntil) > LargestDelay))
            return Corrects.CompareTo(other.Corrects);
        return byClock != 0 ? byClock : (StatusRank, Arrived).CompareTo((other.StatusRank, other.Arrived));
    }

    /// <summary>How one record stands to another, by the rows of both: by each series in which the other is the later one; null where it is so in none.</summary>
    public static Relation? RelationOf(IReadOnlyList<LineageRow> one, IEnumerable<LineageRow> other)
    {
        var later = other.Where(act => one.Any(row => row.IsOf(act) && row.CompareTo(act) < 0)).ToList();
        var (belongs, covered, cancelled, touched) = (0, 0, 0, 0);
        // Series in which nothing ever takes another's place, such as a visit, say nothing here.
        foreach (var row in one.Where(row => row.Belongs != 0))
        {
            var acts = later.Where(row.IsOf).ToList();
            if (acts.Count == 0 && row.Action == nameof(LineageAction.None))
                continue;
            belongs++;
            if (acts.Exists(act => act.Action == nameof(LineageAction.Cancel)))
                cancelled++;
            else if (acts.Exists(act => act.Action == nameof(LineageAction.State) && Covers(act.Parts, row.Parts)))
                covered++;
            else if (acts.Exists(act => act.Action is nameof(LineageAction.State) or nameof(LineageAction.Add)))
                touched++;
            else if (row.Action == nameof(LineageAction.None))
                belongs--;
        }
        return belongs == 0 || cancelled + covered + touched == 0 ? null
            : cancelled == belongs ? Relation.Cancels
            : cancelled + covered == belongs ? Relation.Replaces
            : Relation.Amends;
    }

    /// <summary>True where both are rows of one series.</summary>
    public bool IsOf(LineageRow other) => Series.AsSpan().SequenceEqual(other.Series);

    private static bool Covers(byte[]? all, byte[]? some)
    {
        if (all is null || some is null)
            return false;
        var at = 0;
        for (var i = 0; i < some.Length; i += PartSize)
        {
            var part = some.AsSpan(i, PartSize);
            while (at < all.Length && all.AsSpan(at, PartSize).SequenceCompareTo(part) < 0)
                at += PartSize;
            if (at >= all.Length || !all.AsSpan(at, PartSize).SequenceEqual(part))
                return false;
        }
        return true;
    }
}
