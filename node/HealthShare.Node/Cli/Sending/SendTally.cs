namespace HealthShare.Node.Cli.Sending;

/// <summary>What went wrong with a file or a message.</summary>
/// <param name="File">The file.</param>
/// <param name="Index">The message's place in it, from 0; null where the file as a whole is meant.</param>
/// <param name="Outcome"><c>refused</c>, <c>unknown</c>, <c>notSent</c>, <c>unreadable</c> or <c>finding</c>.</param>
/// <param name="Reason">Why.</param>
internal sealed record SendProblem(string File, int? Index, string Outcome, string Reason);

/// <summary>Counts what became of the messages. Thread-safe.</summary>
internal sealed class SendTally(long totalBytes)
{
    private const int MostProblems = 10_000; // of as many as there may be, those that are kept
    private readonly Lock gate = new();
    private readonly List<SendProblem> problems = [];
    private readonly List<double> waits = [];
    private long doneBytes;

    /// <summary>Bytes of all files.</summary>
    public long TotalBytes => totalBytes;

    public long Accepted { get; private set; }

    public long Refused { get; private set; }

    /// <summary>Sent, with no answer asked for.</summary>
    public long Posted { get; private set; }

    /// <summary>Sent, and no acknowledgement came.</summary>
    public long Unknown { get; private set; }

    /// <summary>Messages that were found and not sent: they cannot be read or matched, or there was no listener.</summary>
    public long NotSent { get; private set; }

    /// <summary>Sent once more after a connection broke.</summary>
    public long Resent { get; private set; }

    public long Bytes { get; private set; }

    public long Sent => Accepted + Refused + Posted + Unknown;

    public bool AllWell => problems.Count == 0;

    public IReadOnlyList<SendProblem> Problems => problems;

    /// <summary>How much of the files is done with, 0 to 1: sent, or nothing to send.</summary>
    public double Fraction => totalBytes == 0 ? 1 : Math.Min(1, Interlocked.Read(ref doneBytes) / (double)totalBytes);

    /// <summary>Counts bytes that need no sending.</summary>
    public void Pass(long bytes) => Interlocked.Add(ref doneBytes, bytes);

    public void Take(OutgoingMessage message, TimeSpan wait)
    {
        lock (gate)
        {
            Accepted++;
            Count(message);
            waits.Add(wait.TotalMilliseconds);
        }
    }

    public void Post(OutgoingMessage message)
    {
        lock (gate)
        {
            Posted++;
            Count(message);
        }
    }

    public void Refuse(OutgoingMessage message, string reason)
    {
        lock (gate)
        {
            Refused++;
            Count(message);
            Add(new SendProblem(message.File, message.Index, "refused", reason));
        }
    }

    /// <summary>A refusal came for a message that counted as taken, or as one that asked for no answer.</summary>
    public void RefuseLate(string file, int index, bool accepted, string reason)
    {
        lock (gate)
        {
            if (accepted)
                Accepted--;
            else
                Posted--;
            Refused++;
            Add(new SendProblem(file, index, "refused", reason));
        }
    }

    public void Lose(OutgoingMessage message, string reason)
    {
        lock (gate)
        {
            Unknown++;
            Pass(message.Bytes.Length);
            Add(new SendProblem(message.File, message.Index, "unknown", reason));
        }
    }

    /// <summary>Nothing of a message went out.</summary>
    public void Unsent(OutgoingMessage message, string reason)
    {
        lock (gate)
        {
            NotSent++;
            Pass(message.Bytes.Length);
            Add(new SendProblem(message.File, message.Index, "notSent", reason));
        }
    }

    /// <summary>A message was not sent because all sending stopped, which is told once for all.</summary>
    public void Withhold()
    {
        lock (gate)
            NotSent++;
    }

    /// <summary>A message cannot be sent, or, without an index, a file holds none or cannot be read.</summary>
    public void Unreadable(string file, int? index, string reason)
    {
        lock (gate)
        {
            if (index is not null)
                NotSent++;
            Add(new SendProblem(file, index, "unreadable", reason));
        }
    }

    public void Finding(string file, string reason)
    {
        lock (gate)
            Add(new SendProblem(file, null, "finding", reason));
    }

    public void Again()
    {
        lock (gate)
            Resent++;
    }

    /// <summary>The wait for an acknowledgement that so many per cent did not exceed, in milliseconds; 0 of none.</summary>
    public double Wait(int percent)
    {
        lock (gate)
        {
            double[] sorted = [.. waits.Order()];
            return sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(sorted.Length * percent / 100.0) - 1)];
        }
    }

    private void Count(OutgoingMessage message)
    {
        Bytes += message.Bytes.Length;
        Pass(message.Bytes.Length);
    }

    private void Add(SendProblem problem)
    {
        if (problems.Count < MostProblems)
            problems.Add(problem);
    }
}
