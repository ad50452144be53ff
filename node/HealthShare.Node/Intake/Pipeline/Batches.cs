using HealthShare.Node.Intake.Journal;

namespace HealthShare.Node.Intake.Pipeline;

/// <summary>How many messages a step takes at once.</summary>
internal static class Batches
{
    private const long MostBytes = 32 * 1024 * 1024;

    /// <summary>Few large messages or many small ones, since their contents are in memory during the step.</summary>
    public static List<IntakeMessage> Bounded(List<IntakeMessage> messages)
    {
        var bytes = 0L;
        return [.. messages.TakeWhile((message, i) => (bytes += message.Size) <= MostBytes || i == 0)];
    }

    /// <summary>Tries the halves of a batch that failed as a whole: one bad message is found in a few steps, and the others go on.</summary>
    public static async Task<Turn> HalvesAsync<T>(IReadOnlyList<T> batch, Func<IReadOnlyList<T>, CancellationToken, Task<Turn>> step, CancellationToken ct)
    {
        var middle = batch.Count / 2;
        var first = await step([.. batch.Take(middle)], ct);
        var second = await step([.. batch.Skip(middle)], ct);
        return first is Turn.Moved || second is Turn.Moved ? Turn.Moved : first is Turn.Held ? first : second;
    }

    /// <summary>
    /// Shares records out evenly to as many transactions as they need, none with more than <paramref name="size"/> and a patient's never to
    /// two of them, in the order given. What does not fit is left for the next turn.
    /// </summary>
    public static List<List<IntakeMessage>> ByPatient(IReadOnlyList<IntakeMessage> messages, int size, int transactions)
    {
        var batches = new List<IntakeMessage>[Math.Min(transactions, (messages.Count + size - 1) / size)];
        for (var i = 0; i < batches.Length; i++)
            batches[i] = [];
        var places = new Dictionary<string, List<IntakeMessage>>(StringComparer.Ordinal);
        foreach (var message in messages)
        {
            if (!places.TryGetValue(message.PatientId!, out var batch))
                places[message.PatientId!] = batch = batches.MinBy(open => open.Count)!;
            if (batch.Count < size) // one that does not fit is followed by none of its patient, since the batch stays full
                batch.Add(message);
        }
        return [.. batches.Where(batch => batch.Count > 0)];
    }
}
