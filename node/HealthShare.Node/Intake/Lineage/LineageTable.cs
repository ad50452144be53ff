using System.Data.Common;
using System.Text;
using Dapper;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Database;
using HealthShare.Node.Intake.Journal;

namespace HealthShare.Node.Intake.Lineage;

/// <summary>
/// Which of this node's records speak of the same thing, and what became of them by that. Noted together with the registration, whatever the
/// order in which the messages came; so each is compared with each, once.
/// </summary>
internal sealed class LineageTable(IDatabase database, IntakeKeys keys, TimeProvider clock)
{
    private const int MostNeighbours = 500;
    private const string Columns = """
        series AS Series, record_id AS RecordId, belongs AS Belongs, patient_id AS PatientId, sent_at AS SentAt, sent_until AS SentUntil,
        status_rank AS StatusRank, corrects AS Corrects, arrived AS Arrived, action AS Action, parts AS Parts
        """;

    /// <summary>Notes messages' records and what they do to others, in the order given; their patients' others must not be noted at the same time.</summary>
    /// <returns>How many records are superseded by this.</returns>
    public async Task<int> AddAsync(DbTransaction transaction, IReadOnlyCollection<(IntakeMessage Message, LineageFacts Facts)> some, CancellationToken ct)
    {
        await TakeTurnAsync(transaction, some, ct);
        var superseded = 0;
        foreach (var (message, facts) in some)
            superseded += await AddAsync(transaction, message, facts, ct);
        return superseded;
    }

    // A visit's move and a record of the visit are about two patients, so they may be noted side by side: neither would see the other where several write at
    // once, and the record would stay with the wrong patient. So a move waits for records that are being noted, and they for it.
    private async Task TakeTurnAsync(DbTransaction transaction, IReadOnlyCollection<(IntakeMessage Message, LineageFacts Facts)> some, CancellationToken ct)
    {
        if (database.Provider is not DatabaseProvider.Postgresql)
            return;
        var mode = some.Any(one => one.Facts.Moved is not null) ? "EXCLUSIVE"
            : some.Any(one => one.Facts.Items.Any(IsVisit)) ? "ROW SHARE"
            : null;
        if (mode is not null)
            await transaction.Connection!.ExecuteAsync(new CommandDefinition($"LOCK TABLE moved_visit IN {mode} MODE", transaction: transaction, cancellationToken: ct));
    }

    private static bool IsVisit(LineageItem item) => item.Series.StartsWith("visit|", StringComparison.Ordinal);

    private async Task<int> AddAsync(DbTransaction transaction, IntakeMessage message, LineageFacts facts, CancellationToken ct)
    {
        var mine = facts.Items.Select(item => RowOf(message, facts, item)).ToList();
        await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO record_lineage (series, record_id, belongs, patient_id, sent_at, sent_until, status_rank, corrects, arrived, action, parts)
            VALUES (@Series, @RecordId, @Belongs, @PatientId, @SentAt, @SentUntil, @StatusRank, @Corrects, @Arrived, @Action, @Parts)
            ON CONFLICT (series, record_id, belongs) DO NOTHING
            """, mine, transaction, cancellationToken: ct));
        var withdrawn = await FollowMovesAsync(transaction, message, facts, ct);
        if (facts.Items.All(IsVisit))
            return withdrawn;
        // In a visit nothing takes another's place, and it may have any number of records: they are not looked at. Nor are all of the patient's, to which SQLite
        // would go by their index if the patient's id stood alone.
        var visit = facts.Items.FirstOrDefault(IsVisit) is { } one ? HashOf(one.Series) : [];
        var others = (await transaction.Connection!.QueryAsync<LineageRow>(new CommandDefinition($"""
            SELECT {Columns} FROM record_lineage WHERE record_id IN (
                SELECT other.record_id FROM record_lineage own JOIN record_lineage other ON other.series = own.series
                WHERE own.record_id = @RecordId AND own.series <> @visit AND other.record_id <> @RecordId AND other.patient_id || '' = @PatientId
                    AND (own.action <> 'None' OR other.action <> 'None')
                    AND NOT EXISTS (SELECT 1 FROM record_supersession WHERE record_supersession.record_id = other.record_id
                        AND relation <> 'Amends' AND state <> 'refused')
                GROUP BY other.record_id ORDER BY max(other.sent_at) DESC LIMIT {MostNeighbours})
            """, new { message.RecordId, message.PatientId, visit }, transaction, cancellationToken: ct))).ToLookup(row => row.RecordId);
        var found = Compare(mine, others).ToList();
        await SupersedeAsync(transaction, found, ct);
        return withdrawn + found.Count;
    }

    /// <summary>What the ledger has to be told now, oldest first.</summary>
    public async Task<List<SupersessionTask>> DueAsync(int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenAsync(ct);
        return (await connection.QueryAsync<SupersessionTask>(new CommandDefinition("""
            SELECT sequence AS Sequence, record_id AS RecordId, by_id AS ById, patient_id AS PatientId, relation AS Relation, attempts AS Attempts
            FROM record_supersession WHERE state = 'open' AND next_attempt_at <= @now ORDER BY next_attempt_at, sequence LIMIT @limit
            """, new { now = clock.GetUtcNow().ToUnixTimeMilliseconds(), limit }, cancellationToken: ct))).AsList();
    }

    /// <summary>The ledger has them, or refused one for good.</summary>
    public static Task EndAsync(DbTransaction transaction, IEnumerable<SupersessionTask> tasks, string? refusal, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE record_supersession SET state = @state, code = @refusal WHERE sequence = @Sequence AND state = 'open'",
            tasks.Select(task => new { state = refusal is null ? "done" : "refused", refusal, task.Sequence }), transaction, cancellationToken: ct));

    /// <summary>It failed for now; it is tried again at that time.</summary>
    public Task PostponeAsync(IEnumerable<SupersessionTask> tasks, string code, DateTimeOffset until, CancellationToken ct) =>
        database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            UPDATE record_supersession SET attempts = attempts + 1, next_attempt_at = @until, code = @code WHERE sequence = @Sequence AND state = 'open'
            """, tasks.Select(task => new { until = until.ToUnixTimeMilliseconds(), code, task.Sequence }), transaction, cancellationToken: ct)), ct);

    /// <summary>Forgets a patient who erased.</summary>
    public static async Task ForgetAsync(DbTransaction transaction, string patientId, CancellationToken ct)
    {
        foreach (var table in (string[])["record_lineage", "record_supersession", "moved_visit"])
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                $"DELETE FROM {table} WHERE patient_id = @patientId", new { patientId }, transaction, cancellationToken: ct));
        }
    }

    // Records of a visit that is another patient's are taken back: those that are there, and those of before that come later.
    private async Task<int> FollowMovesAsync(DbTransaction transaction, IntakeMessage message, LineageFacts facts, CancellationToken ct)
    {
        var taken = new List<NewSupersession>();
        if (facts.Moved is { } moved)
        {
            var row = RowOf(message, facts, VisitLineage.Of(moved.Visit));
            await transaction.Connection!.ExecuteAsync(new CommandDefinition("""
                INSERT INTO moved_visit (series, patient_id, sent_at, sent_until, arrived) VALUES (@Series, @From, @SentAt, @SentUntil, @Arrived)
                ON CONFLICT (series, patient_id, arrived) DO NOTHING
                """, new { row.Series, moved.From, row.SentAt, row.SentUntil, row.Arrived }, transaction, cancellationToken: ct));
            taken.AddRange((await transaction.Connection!.QueryAsync<string>(new CommandDefinition("""
                SELECT record_id FROM record_lineage WHERE series = @Series AND patient_id = @From AND belongs = 1
                    AND (sent_until < @SentAt OR (sent_at <= @SentUntil AND arrived < @Arrived))
                """, new { row.Series, moved.From, row.SentAt, row.SentUntil, row.Arrived }, transaction, cancellationToken: ct)))
                .Select(record => new NewSupersession(moved.From, record, Relation.Withdraws)));
        }
        if (facts.Items.FirstOrDefault(IsVisit) is { } visit
            && RowOf(message, facts, visit) is var own
            && await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition("""
                SELECT count(*) FROM moved_visit WHERE series = @Series AND patient_id = @PatientId
                    AND (sent_at > @SentUntil OR (sent_until >= @SentAt AND arrived > @Arrived))
                """, new { own.Series, own.PatientId, own.SentAt, own.SentUntil, own.Arrived }, transaction, cancellationToken: ct)) > 0)
            taken.Add(new NewSupersession(message.PatientId!, message.RecordId!, Relation.Withdraws));
        await SupersedeAsync(transaction, taken, ct);
        return taken.Count;
    }

    // A message of several orders may be the earlier one of the two in one of them, and the later one in another: then each amends the other.
    private static IEnumerable<NewSupersession> Compare(List<LineageRow> mine, ILookup<string, LineageRow> others)
    {
        var ends = new List<(LineageRow Row, NewSupersession Said)>();
        foreach (var other in others.Select(other => other.ToList()))
        {
            if (LineageRow.RelationOf(other, mine) is { } mineToOther)
                yield return new NewSupersession(mine[0].PatientId, other[0].RecordId, mineToOther, mine[0].RecordId);
            if (LineageRow.RelationOf(mine, other) is { } otherToMine)
                ends.Add((other.First(row => mine.Exists(row.IsOf)), new NewSupersession(mine[0].PatientId, mine[0].RecordId, otherToMine, other[0].RecordId)));
        }
        // Of several that came before it and are later, the last one holds; where none says all of it again, all of them add to it.
        var whole = ends.Where(end => end.Said.Relation is not Relation.Amends).ToList();
        foreach (var end in whole.Count > 0 ? [whole.Aggregate((one, next) => next.Row.CompareTo(one.Row) > 0 ? next : one)] : ends)
            yield return end.Said;
    }

    private static Task<int> SupersedeAsync(DbTransaction transaction, IEnumerable<NewSupersession> some, CancellationToken ct) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("""
            INSERT INTO record_supersession (record_id, by_id, patient_id, relation, state, attempts, next_attempt_at)
            VALUES (@RecordId, @by, @PatientId, @relation, 'open', 0, 0) ON CONFLICT (record_id, by_id) DO NOTHING
            """, some.Select(one => new { one.RecordId, by = one.By ?? "", one.PatientId, relation = one.Relation.ToString() }), transaction, cancellationToken: ct));

    private LineageRow RowOf(IntakeMessage message, LineageFacts facts, LineageItem item) => new()
    {
        Series = HashOf(item.Series),
        RecordId = message.RecordId!,
        Belongs = item.Belongs ? 1 : 0,
        PatientId = message.PatientId!,
        SentAt = facts.Sent.Earliest.ToUnixTimeMilliseconds(),
        SentUntil = facts.Sent.Latest.ToUnixTimeMilliseconds(),
        Corrects = item.Status.Corrects ? 1 : 0,
        StatusRank = item.Status.Rank,
        Arrived = message.Sequence,
        Action = item.Action.ToString(),
        Parts = item.Parts is null ? null : [.. item.Parts.Select(part => keys.Hash("lineage-part", Encoding.UTF8.GetBytes(part))[..LineageRow.PartSize])
            .Order(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))).SelectMany(part => part)],
    };

    private byte[] HashOf(string series) => keys.Hash("lineage", Encoding.UTF8.GetBytes(series))[..16];
}

/// <summary>Something that the ledger has to be told of a record.</summary>
internal sealed class SupersessionTask
{
    public long Sequence { get; set; }

    public string RecordId { get; set; } = "";

    /// <summary>The later record; "" where it was withdrawn.</summary>
    public string ById { get; set; } = "";

    public string PatientId { get; set; } = "";

    public string Relation { get; set; } = "";

    public long Attempts { get; set; }

    public NewSupersession Said => new(PatientId, RecordId, Enum.Parse<Relation>(Relation), ById.Length == 0 ? null : ById);
}
