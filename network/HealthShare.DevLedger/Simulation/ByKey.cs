using System.Diagnostics.CodeAnalysis;
using HealthShare.DevLedger.State;

namespace HealthShare.DevLedger.Simulation;

/// <summary>Entries in the order of their keys. Most simulations fill one or two of the many there are: an empty one costs nothing.</summary>
internal sealed class ByKey<T> where T : class
{
    private SortedDictionary<string, T>? entries;

    public int Count => entries?.Count ?? 0;

    public IEnumerable<T> Values => entries is null ? [] : entries.Values;

    public IEnumerable<KeyValuePair<string, T>> Entries => entries ?? Enumerable.Empty<KeyValuePair<string, T>>();

    /// <summary>Puts an entry in the place of one with the same key.</summary>
    public T this[string key]
    {
        set => (entries ??= new(KeyOrder.Utf8))[key] = value;
    }

    public bool TryGetValue(string key, [NotNullWhen(true)] out T? value)
    {
        value = null;
        return entries?.TryGetValue(key, out value) == true;
    }
}
