using HealthShare.Node.Auth;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Events;

/// <summary>Keeps the number of open streams bounded, of each caller and of all.</summary>
internal sealed class StreamBounds(IOptions<EventsOptions> options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> open = new(StringComparer.Ordinal);
    private int all;

    /// <summary>Takes a place; null where there is none. Dispose it when the stream is over.</summary>
    /// <param name="who">The caller, counted by person, whatever program it uses. Patients leave a tenth of all places to staff.</param>
    public IDisposable? TryEnter(Caller who)
    {
        var (caller, most) = (who.Person, options.Value.Streams);
        lock (gate)
        {
            var own = open.GetValueOrDefault(caller);
            if (own >= options.Value.StreamsPerCaller || all >= (who.IsPatientSide ? most - (most / 10) : most))
                return null;
            (open[caller], all) = (own + 1, all + 1);
            return new Place(this, caller);
        }
    }

    private void Leave(string caller)
    {
        lock (gate)
        {
            all--;
            if (--open[caller] == 0)
                open.Remove(caller);
        }
    }

    private sealed class Place(StreamBounds bounds, string caller) : IDisposable
    {
        private int over;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref over, 1) == 0)
                bounds.Leave(caller);
        }
    }
}
