using HealthShare.Hl7;

namespace HealthShare.Node.Intake.Lineage;

/// <summary>Reads the status of a part of a message: of one order's results, or of a document. What it says of another order is that one's.</summary>
internal static class StatusReader
{
    /// <summary>The status that the segments from <paramref name="from"/> to before <paramref name="until"/> state.</summary>
    public static LineageStatus Read(Er7Message message, int from, int until)
    {
        var (rank, corrects) = (0, false);
        for (var i = from; i < until; i++)
        {
            var status = message[i].Identifier.SequenceEqual("OBR"u8) ? message[i].Field(25) : message[i].Identifier.SequenceEqual("OBX"u8) ? message[i].Field(11) : default;
            if (status.Component(1).Raw is not [var code])
                continue;
            rank = Math.Max(rank, RankOf(code));
            corrects |= code == 'C';
        }
        return new LineageStatus(rank, corrects);
    }

    // Tables 0085 and 0123: what comes later in an order's life is later, where the clock does not tell.
    private static int RankOf(byte status) => (char)status switch { 'O' or 'I' or 'S' => 1, 'A' or 'P' or 'R' => 2, 'F' => 3, 'C' => 4, 'D' or 'W' or 'X' => 5, _ => 0 };
}
