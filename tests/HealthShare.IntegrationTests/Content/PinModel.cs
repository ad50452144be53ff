namespace HealthShare.IntegrationTests.Content;

/// <summary>What is known of each key from the lines that the process printed before it was killed.</summary>
internal sealed class PinModel
{
    private readonly bool[] pinned = new bool[StoreWriter.Keys];
    private readonly bool?[] underWay = new bool?[StoreWriter.Keys]; // what the key becomes if the step was done

    /// <summary>True for a line that acknowledges.</summary>
    public bool Note(string line)
    {
        var (end, key, becomes) = line.Split(' ') is [var word, var number, var step]
            ? (word == "end", int.Parse(number, provider: null), step != "unpin")
            : throw new InvalidDataException($"The writer printed '{line}'.");
        underWay[key] = end ? null : becomes;
        if (end)
            pinned[key] = becomes;
        return end;
    }

    public (bool MayBePinned, bool MayBeUnpinned) StatesOf(int key) =>
        (pinned[key] || underWay[key] is true, !pinned[key] || underWay[key] is false);

    public void Settle(int key, bool isPinned) => (pinned[key], underWay[key]) = (isPinned, null);
}
