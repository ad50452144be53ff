namespace HealthShare.Chaincode.Ledger;

/// <summary>What becomes of a hospital's word: the entry as it then is, or why the word is not taken.</summary>
/// <param name="Entry">The entry; null for a word that is not taken.</param>
/// <param name="Code">Stable code of the refusal; empty where there is none.</param>
/// <param name="Text">The refusal in a sentence; empty where there is none.</param>
public readonly record struct Ruling<TEntry>(TEntry? Entry, string Code = "", string Text = "") where TEntry : class;
