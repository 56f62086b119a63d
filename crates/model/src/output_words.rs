//! Words of many languages that announce output.

/// Words in lower case that mean "output" or "result", alone or before a colon.
pub const OUTPUT_WORDS: [&str; 93] = [
    // Spanish, Catalan, Portuguese, Galician
    "salida",
    "la salida",
    "salida esperada",
    "resultado",
    "resultados",
    "el resultado",
    "resultado esperado",
    "esto imprime",
    "sortida",
    "saída",
    "a saída",
    "saída esperada",
    // French
    "sortie",
    "la sortie",
    "sortie attendue",
    "sortie console",
    "résultat",
    "résultats",
    "le résultat",
    "résultat attendu",
    "ceci affiche",
    "affiche",
    // German, Dutch
    "ausgabe",
    "ausgaben",
    "die ausgabe",
    "erwartete ausgabe",
    "konsolenausgabe",
    "ergebnis",
    "ergebnisse",
    "das ergebnis",
    "uitvoer",
    "de uitvoer",
    "verwachte uitvoer",
    "resultaat",
    // Italian, Romanian
    "risultato",
    "il risultato",
    "risultato atteso",
    "uscita",
    "ieșire",
    "rezultat",
    "rezultatul",
    // Swedish, Danish, Norwegian, Finnish
    "utdata",
    "utskrift",
    "resultat",
    "resultatet",
    "uddata",
    "tuloste",
    "tulos",
    // Polish, Czech, Slovak, Hungarian
    "wyjście",
    "wynik",
    "wyniki",
    "výstup",
    "výsledek",
    "výsledok",
    "kimenet",
    "eredmény",
    // Russian, Ukrainian, Bulgarian
    "вывод",
    "результат",
    "вывод программы",
    "вивід",
    "изход",
    "резултат",
    // Turkish, Greek, Indonesian, Vietnamese
    "çıktı",
    "çıktısı",
    "sonuç",
    "έξοδος",
    "αποτέλεσμα",
    "keluaran",
    "hasil",
    "kết quả",
    "đầu ra",
    // Japanese, Chinese, Korean
    "出力",
    "出力結果",
    "出力例",
    "実行結果",
    "結果",
    "输出",
    "输出结果",
    "运行结果",
    "结果",
    "輸出",
    "輸出結果",
    "執行結果",
    "输出如下",
    "출력",
    "출력 결과",
    "실행 결과",
    "결과",
    // Arabic, Persian, Hebrew, Hindi
    "الناتج",
    "المخرجات",
    "خروجی",
    "פלט",
    "आउटपुट",
];

/// Whether a text, a colon or signs of emphasis left aside, is such a word.
pub fn is_output_word(text: &str) -> bool {
    let words = text.split(|letter: char| !letter.is_alphanumeric() && !is_mark(letter));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    OUTPUT_WORDS.contains(&words.join(" ").to_lowercase().as_str())
}

/// Whether a letter is a sign that belongs to the letter before it, as the virama does.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{97f}')
}

#[cfg(test)]
mod tests {
    use super::{OUTPUT_WORDS, is_output_word};

    #[test]
    fn words_stand_alone() {
        for text in ["Salida:", "**Ausgabe**", "Sortie :", "出力：", "Saída esperada:", "Вывод:", "आउटपुट:"]
        {
            assert!(is_output_word(text), "{text}");
        }
        for text in ["Salida de emergencia:", "Die Ausgabe steht in einer Datei:", "", "出力先:", "sorties"]
        {
            assert!(!is_output_word(text), "{text}");
        }
        for word in OUTPUT_WORDS {
            assert!(is_output_word(word), "{word}");
        }
    }
}
