using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Events;

/// <summary>Events for streams and webhooks (section <c>HealthShare:Events</c>).</summary>
public sealed class EventsOptions
{
    /// <summary>Streams of one caller that are open at the same time, 1 to 100; more get 429. Default 6.</summary>
    [Range(1, 100)]
    public int StreamsPerCaller { get; set; } = 6;

    /// <summary>Streams of all callers together, 1 to 100,000; more get 429. A tenth of them is for staff alone. Default 2,000.</summary>
    [Range(1, 100_000)]
    public int Streams { get; set; } = 2000;

    /// <summary>A stream in which nothing happens says so this often, 1 second to 2 minutes. Default 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long events are kept for those who come back, 1 hour to 90 days. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "90.00:00:00")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(7);
}

[OptionsValidator]
internal sealed partial class EventsOptionsValidator : IValidateOptions<EventsOptions>;
